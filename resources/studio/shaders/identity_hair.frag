// Strands as `identity.frag` draws surfaces; what is thinner than a pixel is kept in as many pixels as it would cover.
in float opacity;
in float warmth;
layout(location = 0) out vec4 colour;
layout(location = 1) out vec4 origin;
uniform float kind;

void main() {
    if (opacity <= lattice(uvec3(uvec2(gl_FragCoord.xy), uint(warmth * 65535.0)))) discard;
    colour = vec4(kind, 0.0, 0.0, 0.0);
    origin = vec4(0.0);
}
