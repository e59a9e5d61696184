// Shares of colour whose halves are borders that landmarks mark: drawn by skin and eye, read by the checks. `grain` is noise 0..1.
const float LIMBUS = 0.47;

float lip_share(float ring, float shift, float softness, float grain) {
    float border = ring + shift + (0.08 + 0.10 * softness) * (grain - 0.5);
    return smoothstep(1.9 - 0.55 * softness, 1.95 + 0.45 * softness, border);
}
float mouth_share(float ring) { return smoothstep(8.5, 10.8, ring); }
float nostril_share(float depth) { return smoothstep(0.6, 1.6, depth); }
float lash_line_share(float lid) { return smoothstep(5.7, 6.4, lid); }
float iris_share(float theta, float grain) { return smoothstep(LIMBUS + 0.035, LIMBUS - 0.045, theta + 0.02 * (grain - 0.5)); }
