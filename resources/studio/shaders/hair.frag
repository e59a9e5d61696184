// Strands, lit a point by `hair.vert`: denser in the middle than at both sides.
in vec3 light;
in float opacity;
in float side;
layout(location = 0) out vec4 colour;

void main() { colour = vec4(light, opacity * (1.0 - 0.5 * side * side)); }
