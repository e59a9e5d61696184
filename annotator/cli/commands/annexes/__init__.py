"""Commands that open the annexes: experiments, benches, network costs, renders."""
