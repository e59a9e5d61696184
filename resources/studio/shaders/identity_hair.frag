// Strands as `identity.frag` draws surfaces; what is thinner than a pixel is kept in as many pixels as it would cover.
in vec3 position;
in float opacity;
in vec4 tone;
layout(location = 0) out vec4 colour;
layout(location = 1) out vec4 origin;
uniform float kind;

void main() {
    if (opacity <= lattice(uvec3(uvec2(gl_FragCoord.xy), uint(tone.w * 65535.0)))) discard;
    colour = vec4(kind, 0.0, 0.0, 0.0);
    origin = vec4(0.0);
}
