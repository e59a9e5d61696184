// Skin: baked and scattered light, pores and wrinkles as a height in mm, make-up, lips, lid margins, nostrils.
uniform sampler2D pores;          // height, gradient x and y, how much is pore, over 60 mm
uniform vec3 skin_colour;
uniform vec3 lip_colour;
uniform vec3 hair_colour;
uniform vec3 beard_colour;
uniform vec3 brow_colour;
uniform vec3 shadow_colour;
uniform float seed;
uniform float oil, freckles, moles, pore_depth, mottle, wrinkles;
uniform float lip_tint, lip_gloss, lip_softness, lip_shift, eye_shadow, eyeliner;
uniform float forehead_lines, frown_lines, crow_lines, laugh_lines;
uniform vec4 brow_shape;          // lift, arch, thickness, density
uniform float stubble, scalp_cover, beard_depth;

uniform float spots, blemishes, lash_line;
in vec4 zones;
in float matte;
in vec4 broad_zones;
uniform vec4 markers[48];         // centre on the resting face, radius
uniform int marker_count;
uniform vec3 marker_colour, marker_core;

float spot(vec3 centre, float size) { vec3 d = (rest - centre) / size; return exp(-dot(d, d)); }
float both(vec3 centre, float size) { vec3 d = (vec3(abs(rest.x), rest.yz) - centre) / size; return exp(-dot(d, d)); }

// Creases of the moving and ageing face, height in mm.
float creases() {
    float wave = broad_zones.y, brow_zone = broad_zones.w, height = 0.0;
    for (int once = 0; once < int(brow_zone > 0.0); once++) {
        float line = abs(fract((rest.y + wave * 2.0 + 0.004 * rest.x * rest.x) / 8.5) - 0.5) * 8.5;
        height -= 0.38 * forehead_lines * brow_zone * exp(-line * line * 0.55) * smoothstep(0.25, 0.6, noise(rest * vec3(0.03, 0.12, 0.03) + seed));
    }
    for (int once = 0; once < int(length(rest - vec3(0.0, 748.0, 150.0)) < 45.0); once++) {
        float frown_zone = spot(vec3(0.0, 748.0, 150.0), 15.0);
        float upright = min(abs(abs(rest.x) - 5.5 - 0.05 * (rest.y - 745.0)), 5.0);
        height -= 0.6 * frown_lines * frown_zone * exp(-upright * upright * 0.7);
    }
    vec2 corner = vec2(abs(rest.x) - 42.0, rest.y - 727.5);
    for (int once = 0; once < int(length(corner) < 21.0 && crow_lines > 0.02); once++) {
        float fan = atan(corner.y, corner.x) * 6.0 + wave * 0.5, reach = length(corner);
        float crow_zone = smoothstep(4.0, 9.0, reach) * (1.0 - smoothstep(11.0, 21.0, reach)) * step(0.0, corner.x) * exp(-corner.y * corner.y * 0.012);
        height -= 0.15 * crow_lines * crow_zone * smoothstep(0.5, 1.0, cos(fan * 3.14159 * 0.8)) * smoothstep(0.3, 0.7, noise(rest * 0.35 + seed));
    }
    float x = abs(rest.x);
    for (int once = 0; once < int(laugh_lines + wrinkles > 0.05 && rest.z > 85.0 && rest.y > 625.0 && rest.y < 700.0); once++) {
        float fold = mix(19.0, 34.5, smoothstep(0.0, 1.0, (693.0 - rest.y) / 42.0)) + 0.25 * wave - 0.4;
        float off = x - fold, run = smoothstep(648.0, 656.0, rest.y) * (1.0 - smoothstep(688.0, 695.0, rest.y));
        height -= 0.75 * laugh_lines * run * exp(-off * off * (off > 0.0 ? 0.10 : 0.45));
        float down = x - 30.5 - 0.10 * (652.0 - rest.y), low = smoothstep(630.0, 637.0, rest.y) * (1.0 - smoothstep(649.0, 656.0, rest.y));
        height -= 0.6 * wrinkles * wrinkles * low * exp(-down * down * 0.35);
        float upper = smoothstep(672.0, 674.0, rest.y) * (1.0 - smoothstep(679.0, 685.0, rest.y)) * (1.0 - smoothstep(20.0, 26.0, x));
        height -= 0.16 * wrinkles * wrinkles * upper * smoothstep(0.55, 0.8, noise(vec3(rest.x * 0.75 + wave, rest.y * 0.08, seed)));
    }
    for (int once = 0; once < int(wrinkles > 0.3); once++) {
        float crepe = abs(noise(rest * vec3(0.34, 0.9, 0.34) + wave) - 0.5) + abs(noise(rest * vec3(0.9, 0.3, 0.6) + seed) - 0.5);
        height -= 0.06 * (wrinkles - 0.3) * (1.0 - smoothstep(0.0, 0.4, crepe)) * (1.0 - smoothstep(-0.5, 0.8, field.y)) * (1.0 - smoothstep(140.0, 152.0, rest.z));
        float neck = abs(fract((rest.y + 1.6 * wave) / 17.0) - 0.5) * 17.0;
        height -= 0.5 * (wrinkles - 0.3) * (1.0 - smoothstep(606.0, 620.0, rest.y)) * exp(-neck * neck * 0.5);
    }
    return height;
}

float lip_lines(vec2 around, float ring) {
    return noise(vec3(around * 24.0, ring * 0.4 + seed)) + 0.5 * noise(vec3(around * 63.0, ring * 0.7 + seed));
}

void main() {
    float visible[LIGHTS] = float[LIGHTS](seen.x, seen.y, seen.z, seen.w, paint.x);
    vec3 view = normalize(eye_point - position), smooth_n = normalize(normal);
    if (!gl_FrontFacing) smooth_n = -smooth_n;
    float lid = field.x, ring = field.y, open = clamp(baked.w, 0.0, 1.0);
    vec2 around = field.zw / max(length(field.zw), 1e-3);
    float has_mouth = step(0.5, length(field.zw));

    float fine = noise(rest * 1.25 + seed), broad = broad_zones.x;
    float lip = lip_share(ring, lip_shift, lip_softness, fine) * has_mouth;
    float inside = mouth_share(ring), lid_zone = smoothstep(1.5, 4.0, lid);
    float scalp = clamp(paint.z, 0.0, 1.0), brow = broad_zones.z;

    // relief: screen derivatives of a height in mm
    vec3 px = dFdx(position), py = dFdy(position), rx = dFdx(rest), ry = dFdy(rest);
    vec3 facing = abs(cross(rx, ry));
    facing /= max(length(facing), 1e-9);
    facing *= facing * facing;
    facing /= facing.x + facing.y + facing.z + 1e-9;
    vec4 front = texture(pores, rest.xy / 60.0), side = texture(pores, rest.zy / 60.0 + 0.37), top = texture(pores, rest.xz / 60.0 + 0.71);
    float depth = pore_depth * zones.x * (1.0 - lip) * (1.0 - 0.65 * lid_zone) * (1.0 - 0.6 * brow);
    vec3 slope = facing.z * vec3(front.yz, 0.0) + facing.x * vec3(0.0, side.z, side.y) + facing.y * vec3(top.y, 0.0, top.z);
    slope *= depth / 60.0;
    float pore = depth * dot(facing, vec3(side.w, top.w, front.w));
    float height = creases();
    float lines = 0.75;
    // towards the corners, where angles lie close together, the lines would be finer than a hair
    for (int once = 0; once < int(lip > 0.01); once++) lines = mix(0.75, lip_lines(around, ring), 1.0 - 0.75 * smoothstep(17.0, 24.0, abs(rest.x)));
    height += 0.20 * lip * (1.0 - smoothstep(7.0, 9.0, ring)) * (lines - 0.75);
    for (int once = 0; once < int(lid > 0.2 && lid < 6.0); once++) height += (0.05 + 0.09 * wrinkles) * smoothstep(0.2, 1.6, lid) * (1.0 - smoothstep(4.8, 5.9, lid))
        * noise(vec3(lid * 2.7 + 2.5 * noise(rest * 0.33), rest.x * 0.11, seed));
    for (int once = 0; once < int(wrinkles > 0.02); once++) height += 0.05 * wrinkles * (noise(rest * 0.7 + seed) - 0.5) * (1.0 - lip);
    float dx = dFdx(height) + dot(slope, rx), dy = dFdy(height) + dot(slope, ry);
    vec3 r1 = cross(py, smooth_n), r2 = cross(smooth_n, px);
    float det = dot(px, r1);
    vec3 gradient = (dx * r1 + dy * r2) / (abs(det) < 1e-12 ? 1e-12 : det);
    float steep = length(gradient);
    gradient = steep < 1e4 ? gradient * min(1.0, 1.1 / max(steep, 1e-4)) : vec3(0.0);
    vec3 n = normalize(smooth_n - gradient);

    // colour
    vec3 base = skin_colour * (1.0 + 0.30 * mottle * (broad - 0.5));
    base *= mix(vec3(1.0), vec3(1.06, 0.93, 0.91), clamp((0.6 * fine + 0.4 * noise(rest * 0.55 + seed * 2.0) - 0.5) * mottle, -1.0, 1.0));
    float flush = zones.y + 0.35 * smoothstep(4.2, 6.5, lid);
    base *= mix(vec3(1.0), vec3(1.02, 0.75, 0.73), clamp(flush * (0.6 + 0.7 * broad), 0.0, 1.0));
    for (int once = 0; once < int(lid > 0.4); once++) {
        base *= mix(vec3(1.0), vec3(0.85, 0.79, 0.83), 0.6 * smoothstep(0.5, 3.0, lid) * (1.0 - smoothstep(4.0, 6.0, lid)));
        base = mix(base, shadow_colour, 0.7 * eye_shadow * smoothstep(0.4, 3.2, lid) * (1.0 - smoothstep(6.2, 6.9, lid)) * step(0.0, rest.y - 727.0));
        base = mix(base, vec3(0.012), 0.9 * eyeliner * smoothstep(4.7, 5.5, lid) * (1.0 - smoothstep(6.3, 6.9, lid)) * smoothstep(726.0, 728.0, rest.y));
        float lashes = smoothstep(4.9, 5.7, lid) * (1.0 - smoothstep(6.2, 6.8, lid)) * mix(0.35, 1.0, smoothstep(725.0, 728.5, rest.y));
        base = mix(base, vec3(0.02, 0.014, 0.012), lash_line * lashes);
    }
    for (int once = 0; once < int(freckles > 0.02); once++) {
        vec3 warped = rest * 0.42 + 1.4 * vec3(noise(rest * 0.31), noise(rest * 0.31 + 9.0), noise(rest * 0.31 + 17.0));
        float fleck = smoothstep(0.70, 0.84, noise(warped + seed)) * noise(rest * 0.11 + 5.0);
        base *= mix(vec3(1.0), vec3(0.68, 0.52, 0.44), clamp(1.5 * fleck * freckles * (0.3 + both(vec3(22, 712, 140), 45.0)), 0.0, 1.0));
    }
    vec3 cell = rest * 0.045 + seed, corner = floor(cell);
    uvec3 id = uvec3(ivec3(corner) + 65536);
    for (int once = 0; once < int(lattice(id) < 0.14 * moles); once++) {
        vec3 centre = corner + 0.2 + 0.6 * vec3(lattice(id + 5u), lattice(id + 11u), lattice(id + 17u));
        base *= mix(vec3(1.0), vec3(0.36, 0.25, 0.21), (1.0 - lip) * (1.0 - smoothstep(0.02, 0.055, length(cell - centre))));
    }
    for (int once = 0; once < int(blemishes > 0.02); once++) {
        vec3 place = rest * 0.11 + seed * 1.7, at = floor(place);
        uvec3 key = uvec3(ivec3(at) + 65536);
        for (int here = 0; here < int(lattice(key) < 0.10 * blemishes); here++) {
            vec3 centre = at + 0.25 + 0.5 * vec3(lattice(key + 5u), lattice(key + 11u), lattice(key + 17u));
            base *= mix(vec3(1.0), vec3(0.98, 0.62, 0.58), 0.8 * (1.0 - smoothstep(0.05, 0.26, length(place - centre))));
        }
    }
    for (int once = 0; once < int(spots > 0.02); once++)
        base *= mix(vec3(1.0), vec3(0.78, 0.67, 0.58), 0.55 * spots * smoothstep(0.74, 0.84, noise(rest * 0.3 + 0.35 * fine + seed * 3.0)) * smoothstep(0.45, 0.7, noise(rest * 0.07 + seed)));
    base *= mix(vec3(1.0), vec3(0.80, 0.71, 0.75), zones.w);
    base *= 1.0 - min(pore, 1.5) * vec3(0.16, 0.24, 0.26);
    for (int once = 0; once < int(lip > 0.0); once++) {
        float lip_vary = 0.82 + 0.36 * noise(vec3(around * 9.0, ring + seed)) - 0.10 * clamp(0.75 - lines, -0.5, 0.5);
        base = mix(base, mix(base * vec3(0.92, 0.62, 0.62), lip_colour, lip_tint) * lip_vary, lip);
    }
    base = mix(base, vec3(0.26, 0.065, 0.055), inside);
    for (int once = 0; once < int(lid > 5.6); once++) {
        float margin = lash_line_share(lid) * (1.0 - smoothstep(8.5, 10.0, lid));
        base = mix(base, vec3(0.50, 0.24, 0.21) * mix(0.6, 1.0, clamp(skin_colour.r * 1.7, 0.0, 1.0)), 0.5 * margin * (1.0 - 0.7 * eyeliner));
        base = mix(base, vec3(0.46, 0.16, 0.14), smoothstep(8.3, 9.1, lid));
    }
    base = mix(base, brow_colour * 0.6 + skin_colour * 0.12, 0.55 * brow * min(1.0, brow_shape.w));
    float nostril = nostril_share(paint.y);
    base = mix(base, vec3(0.16, 0.05, 0.04) * skin_colour.r * 1.5, nostril) * (1.0 - 0.85 * smoothstep(1.1, 2.8, paint.y));
    float beard = clamp(paint.w, 0.0, 1.0) * (1.0 - lip) * (1.0 - inside), follicle = 0.3 + 0.6 * beard_depth;
    for (int once = 0; once < int(stubble * beard > 0.01); once++) follicle += smoothstep(0.66, 0.86, noise(rest * 3.1)) * 0.7;
    base = mix(base, beard_colour * 0.7 + skin_colour * vec3(0.10, 0.11, 0.12), 0.62 * stubble * beard * min(follicle, 1.25));
    base = mix(base, hair_colour * 0.7 + skin_colour * 0.03, scalp_cover * scalp);

    for (int i = 0; i < marker_count; i++) {
        float off = length(rest - markers[i].xyz), radius = markers[i].w;
        base = mix(base, off < 0.45 * radius ? marker_core : marker_colour, 0.93 * (1.0 - smoothstep(0.88 * radius, radius, off)));
    }

    // light
    vec2 levels = diffuse_levels(position, n, smooth_n, visible);
    float change = clamp(levels.x / max(levels.y, 1e-4), 0.3, 2.2) - 1.0;
    vec3 arriving = baked.rgb * (1.0 + vec3(0.45, 0.75, 0.9) * change);
    arriving += 0.08 * inside * vec3(1.0, 0.75, 0.7);  // as of teeth: the mouth bounces light
    vec3 light = base * arriving / 3.14159 * (1.0 - 0.6 * scalp * smoothstep(0.75, 0.9, scalp_cover));

    float grazing = 1.0 - max(dot(n, view), 0.02), wet = max(lip * lip_gloss * 0.5, smoothstep(6.9, 7.8, lid));
    wet = max(wet, inside);
    float squared = grazing * grazing, fresnel = 0.028 + 0.28 * squared * squared * grazing, vary = 0.75 + 0.55 * broad;
    float shine = oil * (zones.z + 0.25 * fine);
    float closed = open * sqrt(open);
    vec3 mirror = reflect(-view, n), smoother = reflect(-view, normalize(smooth_n - 0.7 * gradient));
    vec3 glint = two_highlights(position, mirror, smoother, mix(vec2(0.36, 0.19) * vary, vec2(0.11, 0.05), wet),
        vec2((0.35 + 0.3 * oil) * (0.75 + 0.5 * fine), 0.5 * shine + 1.5 * wet), visible);
    glint = fresnel * (glint + ambient(mirror) * 0.7) * closed * (1.0 - 0.7 * scalp) * (1.0 - 0.8 * nostril) * (1.0 - matte * (1.0 - lip));
    colour = vec4(light + glint * (1.0 - 0.35 * min(pore, 1.5)), 1.0);
}
