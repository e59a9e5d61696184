// The body of hair under the strands: dark, dense, ragged where it ends.
uniform vec3 base_colour;
uniform float seed, curls;        // curls 0: combed straight back and down, 1: round tufts

void main() {
    float ragged = 0.35 * (noise(rest * vec3(0.9, 0.4, 0.4) + seed) - 0.5) + 0.55 * (noise(rest * vec3(4.0, 0.9, 0.9) + seed) - 0.5);
    if (field.w + ragged < 0.0) discard;
    vec3 n = normalize(normal);
    // curls have no sharp outline: towards it the body comes apart
    if (abs(dot(n, normalize(eye_point - position))) < 0.45 * curls * noise(rest * 1.5 + seed)) discard;
    float tuft = cloud(rest * 0.55 + seed), strand = noise(vec3(rest.x * 3.1, 0.25 * rest.y, 0.25 * rest.z) + seed);
    float deep = mix(strand, tuft, curls);
    vec3 light = base_colour * (0.35 + 0.8 * deep) * baked.rgb / 3.14159 * (0.6 + 0.4 * max(n.y, 0.0));
    colour = vec4(light, 1.0);
}
