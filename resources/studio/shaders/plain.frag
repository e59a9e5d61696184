// Teeth, gums, tongue, cloth and frames of glasses: one colour, baked light, one highlight.
uniform vec3 base_colour;
uniform float roughness, shine, weave, seed;

void main() {
    if (field.w < 0.0) discard;
    float visible[LIGHTS] = float[LIGHTS](seen.x, seen.y, seen.z, seen.w, paint.x);
    float open = clamp(baked.w, 0.0, 1.0);
    vec3 n = normalize(normal), view = normalize(eye_point - position);
    if (!gl_FrontFacing) n = -n;
    vec3 base = base_colour * field.xyz * (0.93 + 0.14 * noise(rest * 0.9 + seed));
    base *= mix(1.0, 0.75 + 0.25 * sin(rest.x * 7.0) * sin(rest.y * 7.0 + rest.z * 5.0), weave * (1.0 - smoothstep(0.06, 0.22, length(fwidth(rest)))));
    vec3 light = base * baked.rgb / 3.14159, mirror = reflect(-view, n);
    float fresnel = 0.04 + 0.6 * pow(1.0 - max(dot(n, view), 0.02), 5.0);
    light += shine * fresnel * (highlights(position, mirror, roughness, visible) + 0.5 * ambient(mirror)) * open;
    colour = vec4(light, 1.0);
}
