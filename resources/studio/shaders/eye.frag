// Eyeball: sclera with veins, iris seen through the cornea, sharp reflections.
uniform vec3 iris_outer;
uniform vec3 iris_inner;
uniform float pupil, limbus, veins, sclera, seed;
uniform mat3 eye_from_head;

void main() {
    float visible[LIGHTS] = float[LIGHTS](seen.x, seen.y, seen.z, seen.w, paint.x);
    float open = clamp(baked.w, 0.0, 1.0);
    vec3 n = normalize(normal), view = normalize(eye_point - position), p = rest;
    float theta = acos(clamp(normalize(p).z, -1.0, 1.0));
    vec3 view_eye = eye_from_head * view, n_eye = eye_from_head * n;

    float vein = 0.0;
    for (int i = 0; i < 3; i++) {
        float scale = 5.0 * float(1 << i), f = noise(p * scale + seed + 2.0 * noise(p * 9.0 + seed));
        vein += pow(1.0 - abs(2.0 * f - 1.0), 12.0) * (0.8 - 0.2 * float(i));
    }
    float side = smoothstep(0.52, 1.05, theta);
    vec3 white = vec3(0.52, 0.465, 0.43) * vec3(sclera, pow(sclera, 1.25), pow(sclera, 1.8));
    white = mix(white, vec3(0.56, 0.20, 0.17), clamp(vein * (0.18 + 1.1 * side) * 0.75 * veins, 0.0, 0.75));
    white = mix(white, vec3(0.58, 0.36, 0.32), side * 0.5) * (0.93 + 0.14 * noise(p * 6.0 + seed));

    vec3 inward = refract(-view_eye, n_eye, 1.0 / 1.336);
    float plane = cos(LIMBUS) - 0.045, along = (plane - p.z) / min(inward.z, -1e-3);
    vec2 q = (p + inward * along).xy / sin(LIMBUS);
    float rho = length(q), a = atan(q.y, q.x);
    vec2 turn = q / max(rho, 1e-4);
    float fibre = 0.5 * noise(vec3(turn * 7.0, rho * 1.7 + seed)) + 0.3 * noise(vec3(turn * 19.0, rho * 2.6 + seed)) + 0.3 * noise(vec3(turn * 43.0, rho * 4.0 + seed));
    float collarette = smoothstep(pupil + 0.27, pupil + 0.05, rho + 0.08 * (noise(vec3(turn * 3.0, seed)) - 0.5));
    vec3 iris = mix(iris_outer, iris_inner, clamp(fibre * 1.3 - 0.25 + 0.6 * collarette, 0.0, 1.0)) * (0.45 + 0.9 * fibre);
    iris *= 1.0 - 0.2 * smoothstep(0.78, 0.2, noise(vec3(q * 5.0, seed + 2.0)));
    iris *= 1.0 - (0.45 + 0.45 * limbus) * smoothstep(0.76, 1.0, rho);
    iris = mix(iris * 0.85, vec3(0.004), smoothstep(pupil + 0.025, pupil - 0.02, rho + 0.012 * (noise(vec3(turn * 3.0, seed)) - 0.5)));
    vec3 key = eye_from_head * normalize(light_centre[0] - position);
    iris *= 1.0 + 0.7 * max(0.0, dot(vec3(turn, 0.2), -vec3(key.xy, 0.0))) * smoothstep(0.2, 0.7, rho);

    float in_iris = iris_share(theta, noise(vec3(p.xy / max(length(p.xy), 1e-4) * 2.0, seed)));
    vec3 base = mix(white, mix(iris, vec3(0.03, 0.025, 0.022), smoothstep(1.0, 1.12, rho)), in_iris);
    base *= 1.0 - 0.35 * limbus * smoothstep(0.09, 0.0, abs(theta - LIMBUS - 0.005));
    vec3 light = base * baked.rgb / 3.14159 * mix(0.5, 1.0, smoothstep(0.0, 0.35, open));

    vec3 rough = vec3(noise(p * 14.0 + 1.0), noise(p * 14.0 + 20.0), noise(p * 14.0 + 40.0)) - 0.5;
    vec3 n2 = normalize(n + mix(0.03, 0.0, in_iris) * rough), mirror = reflect(-view, n2);
    float fresnel = 0.03 + 0.68 * pow(1.0 - max(dot(n2, view), 0.02), 5.0);
    light += fresnel * (highlights(position, mirror, mix(0.05, 0.006, in_iris), visible) + ambient(mirror) * open * 0.35);
    colour = vec4(light, 1.0);
}
