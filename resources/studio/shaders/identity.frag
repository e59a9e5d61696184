// What is drawn where, for checks and masks: kind of surface and the shares of `borders.glsl`, then the resting place and the lip: 1 upper, -1 lower.
uniform float kind, seed, lip_shift, lip_softness;
layout(location = 1) out vec4 origin;

void main() {
    if (kind > 5.5 && field.w < 0.0) discard;
    vec3 shares = vec3(0.0);
    if (kind < 1.5) {
        float lip = lip_share(field.y, lip_shift, lip_softness, noise(rest * 1.25 + seed)) * step(0.5, length(field.zw));
        shares = vec3(lip + mouth_share(field.y), lash_line_share(field.x), nostril_share(paint.y));
    } else if (kind < 2.5) {
        vec3 p = normalize(rest);
        shares.x = iris_share(acos(clamp(p.z, -1.0, 1.0)), noise(vec3(p.xy / max(length(p.xy), 1e-4) * 2.0, seed)));
    }
    colour = vec4(kind, shares);
    float round_mouth = length(field.zw);
    origin = vec4(rest, round_mouth < 0.5 ? 0.0 : field.z > -0.245 * round_mouth ? 1.0 : -1.0);
}
