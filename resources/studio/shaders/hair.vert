// Light of strands is computed here, a point of the strand: it changes slowly along hair, and pixels of strands are many
// times as many as their points. Diffuse along the strand plus two shifted highlights (Marschner's R and TRT, roughly).
uniform vec3 hair_colour;
uniform float shine;
uniform float grey;             // share of strands without pigment
in vec4 in_tone;    // brightness, visibility, open share, warmth
out vec3 light;
out float opacity;
out float side;
out float warmth;

// What a strand along `t` sends to the eye of a light of unit radiance and `area` that lies `towards` it.
vec3 glow(vec3 towards, vec3 t, float lift, vec3 base, float area) {
    float distance2 = dot(towards, towards), along = dot(t, towards) * inversesqrt(distance2);
    float tilt = asin(clamp(along, -1.0, 1.0)) + lift;
    float first = (tilt + 0.07) / 0.16, second = (tilt - 0.12) / 0.24;
    vec3 mirrored = shine * gloss * (vec3(0.022) * exp(-first * first) + 0.45 * base * exp(-second * second));
    return area / distance2 * in_tone.y * (base * 0.34 * sqrt(max(0.0, 1.0 - along * along)) + mirrored);
}

void main() {
    vec3 view = normalize(eye_point - in_position), t = normalize(in_tangent);
    gl_Position = ribbon(view, opacity);
    side = in_shape.x;
    warmth = in_tone.w;

    float faded = smoothstep(warmth - 0.12, warmth + 0.12, grey * 1.24 - 0.12);
    vec3 base = mix(hair_colour * mix(vec3(1.0), vec3(1.15, 0.98, 0.85), warmth), vec3(0.30, 0.295, 0.285), faded) * in_tone.x;
    float lift = asin(clamp(dot(t, view), -1.0, 1.0));
    light = base * ambient(vec3(0.0, 0.3, 0.0)) * in_tone.z * 1.1;
#define ADD_LIGHT(K) light += light_colour[K] * glow(light_centre[K] - in_position, t, lift, base, 4.0 * light_half[K].x * light_half[K].y);
    EACH_LIGHT(ADD_LIGHT)
}
