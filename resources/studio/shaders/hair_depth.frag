// Depth of strands; the colour is not mixed in.
layout(location = 0) out vec4 colour;
void main() { colour = vec4(0.0); }
