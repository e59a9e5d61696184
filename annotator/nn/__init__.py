"""Networks, as plain torch modules: tensors in, tensors out; only `checkpoint` opens files.

Tensor suffixes in this room: B batch, L landmarks of the scheme, K landmarks of one network, R regions, C channels, H W rows and
columns of a picture, h w rows and columns of a heatmap, 2 x and y, 4 a box x0 y0 x1 y1.

`overview` is what weights and cards call the global network.
"""
