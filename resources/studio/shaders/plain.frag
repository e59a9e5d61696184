// Teeth, gums, tongue, cloth and frames of glasses: one colour, baked light, one highlight.
uniform vec3 base_colour;
uniform float roughness, shine, weave, seed, metal;
uniform float bumps;                // how far small bumps turn the normal
uniform float pattern, pattern_mm;  // 0 none, 1 stripes across, 2 stripes down, 3 checks, 4 blotches
uniform vec3 pattern_colour;

float patterned() {
    vec2 cell = rest.xy / pattern_mm;
    vec2 lines = smoothstep(0.42, 0.5, abs(fract(cell) - 0.5) * 1.6);
    if (pattern < 1.5) return lines.y;
    if (pattern < 2.5) return lines.x;
    if (pattern < 3.5) return 0.5 * (lines.x + lines.y);
    return smoothstep(0.5, 0.56, noise(rest * (1.3 / pattern_mm) + seed));
}

void main() {
    if (field.w < 0.0) discard;
    float visible[LIGHTS] = float[LIGHTS](seen.x, seen.y, seen.z, seen.w, paint.x);
    float open = clamp(baked.w, 0.0, 1.0);
    vec3 n = normalize(normal), view = normalize(eye_point - position);
    if (!gl_FrontFacing) n = -n;
    float papilla = 1.0;
    for (int once = 0; once < int(bumps > 0.0); once++) {
        vec3 p = rest * 1.9;
        n = normalize(n + bumps * (vec3(noise(p), noise(p + 31.0), noise(p + 57.0)) - 0.5));
        papilla = 0.8 + 0.4 * noise(rest * 2.6 + seed);
    }
    vec3 base = papilla * base_colour * field.xyz * (0.93 + 0.14 * noise(rest * 0.9 + seed));
    if (pattern > 0.5) base = mix(base, pattern_colour, patterned());
    base *= mix(1.0, 0.75 + 0.25 * sin(rest.x * 7.0) * sin(rest.y * 7.0 + rest.z * 5.0), weave * (1.0 - smoothstep(0.06, 0.22, length(fwidth(rest)))));
    vec3 light = base * baked.rgb / 3.14159, mirror = reflect(-view, n);
    vec3 fresnel = mix(vec3(0.04), base * 1.6, metal) + 0.6 * pow(1.0 - max(dot(n, view), 0.02), 5.0);
    light *= 1.0 - 0.75 * metal;
    light += shine * fresnel * (highlights(position, mirror, roughness, visible) + 0.5 * ambient(mirror)) * open;
    colour = vec4(light, 1.0);
}
