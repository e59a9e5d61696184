// Lens and sensor, part two: exposure, white balance, noise, tone curve. `encode` 0 leaves linear light.
in vec2 place;
layout(location = 0) out vec4 colour;
uniform sampler2D picture;
uniform float exposure, grain, saturation, contrast, lift, vignette, encode, shoulder;
uniform vec3 balance;
uniform vec4 window;
uniform uint grain_seed;

uint scramble(uvec3 v) {
    uint x = v.x * 0x9E3779B1u ^ v.y * 0x85EBCA77u ^ v.z * 0xC2B2AE3Du;
    x = (x ^ (x >> 15)) * 0x2C1B3C6Du;
    x ^= x >> 12;
    x *= 0x297A2D39u;
    return x ^ (x >> 15);
}
float uniform01(uvec3 v) { return (float(scramble(v) >> 8) + 0.5) / 16777216.0; }

void main() {
    uvec3 at = uvec3(gl_FragCoord.xy, grain_seed);
    vec3 x = texture(picture, place).rgb * exposure * balance;
    x = max(vec3(0.0), mix(vec3(dot(x, vec3(0.2126, 0.7152, 0.0722))), x, saturation));
    vec2 from_centre = mix(window.xy, window.zw, place) - 0.5;
    x *= 1.0 - vignette * dot(from_centre, from_centre);
    vec3 gauss;
    for (int k = 0; k < 3; k++) {
        float u = uniform01(at + uvec3(0u, 0u, uint(2 * k + 1))), v = uniform01(at + uvec3(0u, 0u, uint(2 * k + 2)));
        gauss[k] = sqrt(-2.0 * log(u)) * cos(6.2831853 * v);
    }
    x = max(x + gauss * grain * sqrt(x + 0.003), vec3(0.0));
    if (encode > 0.5) {
        x = x * (1.0 + x * shoulder * 0.12) / (1.0 + x * shoulder) * (1.0 + 0.55 * shoulder);
        x = clamp(x, 0.0, 1.0);
        x = mix(12.92 * x, 1.055 * pow(x, vec3(1.0 / 2.4)) - 0.055, step(0.0031308, x));
        x = mix(x, x * x * (3.0 - 2.0 * x), contrast);
        x = lift + (1.0 - lift) * x + (uniform01(at + uvec3(7u)) - 0.5) / 255.0;
    }
    colour = vec4(x, 1.0);
}
