// Hair: diffuse along the strand plus two shifted highlights (Marschner's R and TRT, roughly).
in vec3 position;
in vec3 tangent;
in float opacity;
in float side;
in vec4 tone;
layout(location = 0) out vec4 colour;
uniform vec3 hair_colour;
uniform float shine;
uniform float grey;             // share of strands without pigment

// What a strand along `t` sends to the eye of a light of unit radiance and `area` that lies `towards` it.
vec3 glow(vec3 towards, vec3 t, float lift, vec3 base, float area) {
    float distance2 = dot(towards, towards), along = dot(t, towards) * inversesqrt(distance2);
    float tilt = asin(clamp(along, -1.0, 1.0)) + lift;
    float first = exp(-pow((tilt + 0.07) / 0.16, 2.0)), second = exp(-pow((tilt - 0.12) / 0.24, 2.0));
    vec3 mirrored = shine * gloss * (vec3(0.022) * first + 0.45 * base * second);
    return area / distance2 * tone.y * (base * 0.34 * sqrt(max(0.0, 1.0 - along * along)) + mirrored);
}

void main() {
    vec3 view = normalize(eye_point - position), t = normalize(tangent);
    float faded = smoothstep(tone.w - 0.12, tone.w + 0.12, grey * 1.24 - 0.12);
    vec3 base = mix(hair_colour * mix(vec3(1.0), vec3(1.15, 0.98, 0.85), tone.w), vec3(0.30, 0.295, 0.285), faded) * tone.x;
    float lift = asin(clamp(dot(t, view), -1.0, 1.0));
    vec3 sum = base * ambient(vec3(0.0, 0.3, 0.0)) * tone.z * 1.1;
#define ADD_LIGHT(K) sum += light_colour[K] * glow(light_centre[K] - position, t, lift, base, 4.0 * light_half[K].x * light_half[K].y);
    EACH_LIGHT(ADD_LIGHT)
    colour = vec4(sum, opacity * (1.0 - 0.5 * side * side));
}
