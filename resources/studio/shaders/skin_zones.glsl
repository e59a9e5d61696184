// What changes slowly over the skin, worked out a vertex: where pores, redness and shine lie, the brow's ground, broad noise.
uniform float seed, redness, blush, circles;
uniform vec4 brow_shape;          // lift, arch, thickness, density
out vec4 zones;                   // pores, flush, shine, dark circles
out float matte;                  // the upper lip below the nose does not shine like its tip
out vec4 broad_zones;             // noise in cells of 12 and of 22 mm, the brow's ground, lines of the forehead

float spot(vec3 rest, vec3 centre, float size) { vec3 d = (rest - centre) / size; return exp(-dot(d, d)); }
float both(vec3 rest, vec3 centre, float size) { return spot(vec3(abs(rest.x), rest.yz), centre, size); }

// Brow centre line and half width on the resting face, as annotator.studio.hair.brows draws the hairs.
float brow_cover(vec3 rest) {
    float x = abs(rest.x);
    float line = x < 21.0 ? mix(748.6, 750.0, (x - 10.5) / 10.5) : x < 34.0 ? mix(750.0, 751.5, (x - 21.0) / 13.0)
               : x < 44.0 ? mix(751.5, 750.8, (x - 34.0) / 10.0) : mix(750.8, 745.4, (x - 44.0) / 12.0);
    line += brow_shape.x + brow_shape.y * smoothstep(10.0, 38.0, x) * (1.0 - smoothstep(42.0, 58.0, x));
    float width = 4.1 * brow_shape.z * smoothstep(7.0, 17.0, x) * (1.0 - smoothstep(43.0, 59.0, x)) + 0.05;
    return (1.0 - smoothstep(0.2, 1.2, abs(rest.y - line) / width)) * smoothstep(8.0, 16.5, x)
         * (1.0 - smoothstep(49.0, 59.0, x)) * smoothstep(60.0, 70.0, rest.z);
}

void add_zones(vec3 rest) {
    zones.x = 0.4 + 0.75 * spot(rest, vec3(0, 705, 150), 27.0) + 0.55 * both(rest, vec3(37, 702, 132), 25.0) + 0.25 * spot(rest, vec3(0, 780, 130), 45.0);
    zones.y = redness * (0.55 * both(rest, vec3(40, 700, 125), 26.0) + 0.5 * spot(rest, vec3(0, 695, 165), 18.0) + 0.3 * spot(rest, vec3(0, 640, 140), 18.0))
            + redness * 0.8 * smoothstep(62.0, 78.0, abs(rest.x)) * step(rest.y, 765.0) * step(660.0, rest.y) * step(rest.z, 75.0)
            + blush * both(rest, vec3(46, 703, 118), 19.0);
    zones.z = 0.5 + 0.7 * spot(rest, vec3(0, 705, 160), 22.0) + 0.5 * spot(rest, vec3(0, 775, 140), 35.0);
    zones.w = 0.75 * circles * both(rest, vec3(29.0, 715.0, 138.0), 11.0);
    matte = 0.85 * both(rest, vec3(11.0, 684.0, 146.0), 14.0);
    broad_zones.x = cloud(rest * 0.085 + seed);
    broad_zones.y = 3.0 * noise(rest * 0.045 + seed);
    broad_zones.z = brow_cover(rest);
    broad_zones.w = smoothstep(757.0, 766.0, rest.y) * (1.0 - smoothstep(783.0, 797.0, rest.y)) * smoothstep(75.0, 105.0, rest.z);
}
#define ALSO add_zones(rest);
