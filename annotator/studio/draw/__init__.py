"""Drawing on the GPU: context, passes, lens, files of pictures."""
