// Lenses of glasses: reflections of the lights and the room over what is seen through them. field.x: share of light taken.
uniform float strength;

void main() {
    float visible[LIGHTS] = float[LIGHTS](seen.x, seen.y, seen.z, seen.w, paint.x);
    vec3 view = normalize(eye_point - position), n = normalize(normal);
    if (dot(n, view) < 0.0) n = -n;
    vec3 mirror = reflect(-view, n);
    float fresnel = 0.035 + 0.6 * pow(1.0 - max(dot(n, view), 0.02), 5.0);
    vec3 tint = mix(vec3(1.0), vec3(0.75, 1.0, 0.85), 0.6);
    vec3 glint = strength * fresnel * (tint * highlights(position, mirror, 0.012, visible) + ambient(mirror));
    colour = vec4(glint, field.x + fresnel * 0.5);
}
