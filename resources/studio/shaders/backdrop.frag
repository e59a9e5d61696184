// The background: a small picture drawn behind everything. `window` is the part of the frame that is rendered.
in vec2 place;
layout(location = 0) out vec4 colour;
uniform sampler2D backdrop;
uniform vec4 window;
void main() {
    colour = vec4(texture(backdrop, mix(window.xy, window.zw, place)).rgb, 1.0);
    gl_FragDepth = 1.0;
}
