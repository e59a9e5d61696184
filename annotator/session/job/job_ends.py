"""What is kept of a job that ends before its time, for the question that quitting asks."""

PROPOSED = "the proposals so far are kept; Propose all goes on with the other frames."
TRAINED = (
    "it ends after its step and makes no new model; once a step was done it keeps a checkpoint, "
    "from which annotator train PROJECT --resume goes on."
)
NOT_LEARNT = "nothing is kept of it; the present model stays as it is."
ADDED = "the frames so far are kept; the same import goes on with the others."
SET = "the frames finished so far stay set."
NOT_WRITTEN = "nothing is written."
