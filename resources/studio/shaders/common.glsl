// Shared by all surfaces: area lights, value noise, blurred highlights. Millimetres, linear RGB.
#define LIGHTS 5
uniform vec3 light_centre[LIGHTS];
uniform vec3 light_u[LIGHTS];
uniform vec3 light_v[LIGHTS];
uniform vec3 light_normal[LIGHTS]; // cross product of both
uniform vec2 light_half[LIGHTS];
uniform vec3 light_colour[LIGHTS];
uniform int lights_on;           // the first so many shine
uniform vec3 sky;
uniform vec3 ground;
uniform float gloss;
uniform vec3 eye_point;

float lattice(uvec3 cell) {
    uint bits = cell.x * 0x9E3779B1u ^ cell.y * 0x85EBCA77u ^ cell.z * 0xC2B2AE3Du;
    bits = (bits ^ (bits >> 15)) * 0x2C1B3C6Du;
    bits ^= bits >> 12;
    bits *= 0x297A2D39u;
    return float(bits >> 8) * (1.0 / 16777216.0);
}

// Value noise, 0..1, one cell a unit.
float noise(vec3 p) {
    vec3 corner = floor(p), t = p - corner;
    t = t * t * (3.0 - 2.0 * t);
    const uvec3 prime = uvec3(0x9E3779B1u, 0x85EBCA77u, 0xC2B2AE3Du);
    uvec3 near = uvec3(ivec3(corner) + 65536) * prime, far = near + prime;
    uvec4 flat_bits = uvec4(near.x ^ near.y, far.x ^ near.y, near.x ^ far.y, far.x ^ far.y);
    uvec4 low = flat_bits ^ near.z, high = flat_bits ^ far.z;
    low = (low ^ (low >> 15)) * 0x2C1B3C6Du;
    high = (high ^ (high >> 15)) * 0x2C1B3C6Du;
    vec4 planes = mix(vec4(low >> 8), vec4(high >> 8), t.z) * (1.0 / 16777216.0);
    vec2 rows = mix(planes.xz, planes.yw, t.x);
    return mix(rows.x, rows.y, t.y);
}

float cloud(vec3 p) {
    return 0.55 * noise(p) + 0.3 * noise(p * 2.13 + 11.0) + 0.15 * noise(p * 4.41 + 37.0);
}

vec3 ambient(vec3 direction) { return mix(ground, sky, 0.5 + 0.5 * direction.y); }

// Lights are named one by one, as software reads an array at a running index pixel by pixel and at a known one at once;
// those that are off are left out by loops of no step, which it skips where it would work out both ways of an `if`.
#define IF_ON(K, DO) for (int once = 0; once < int(lights_on > K); once++) { DO(K) }
#define EACH_LIGHT(DO) IF_ON(0, DO) IF_ON(1, DO) IF_ON(2, DO) IF_ON(3, DO) IF_ON(4, DO)
// The same for lights that reach a pixel of this block, by `visible`.
#define IF_SEEN(K, DO) for (int once = 0; once < int(lights_on > K && visible[K] > 0.002); once++) { DO(K) }
#define EACH_SEEN(DO) IF_SEEN(0, DO) IF_SEEN(1, DO) IF_SEEN(2, DO) IF_SEEN(3, DO) IF_SEEN(4, DO)

// Parts of a vector along a light's normal and sides.
#define AXES(K, VECTOR) vec3(dot(VECTOR, light_normal[K]), dot(VECTOR, light_u[K]), dot(VECTOR, light_v[K]))

// Share of what is seen along `ray` that a rectangle of `half_size` at `away` fills, blurred by `rough` radians; both as `AXES`.
float highlight(vec3 away, vec3 ray, float rough, vec2 half_size) {
    float reach = away.x / ray.x;
    vec2 q = reach * ray.yz - away.yz;
    float scale = 0.26 * max(abs(ray.x), 0.25) / max(rough * reach, 1.0);
    vec2 low = clamp(0.5 - (half_size + q) * scale, 0.0, 1.0), high = clamp(0.5 + (half_size - q) * scale, 0.0, 1.0);
    // a cheap stand-in for the normal distribution function
    vec2 share = high * high * (3.0 - 2.0 * high) - low * low * (3.0 - 2.0 * low);
    return abs(ray.x) < 1e-3 || reach <= 0.0 ? 0.0 : share.x * share.y;
}

// Light reflected along `ray` from the rectangles, each blurred by `rough` radians.
vec3 highlights(vec3 point, vec3 ray, float rough, float visible[LIGHTS]) {
    vec3 sum = vec3(0.0);
#define ADD_HIGHLIGHT(K) \
        vec3 away = light_centre[K] - point; \
        sum += light_colour[K] * (visible[K] * highlight(AXES(K, away), AXES(K, ray), rough, light_half[K]));
    EACH_SEEN(ADD_HIGHLIGHT)
    return sum * gloss;
}

// Two of them at once, each of a ray, a roughness and a strength.
vec3 two_highlights(vec3 point, vec3 first, vec3 second, vec2 rough, vec2 strength, float visible[LIGHTS]) {
    vec3 sum = vec3(0.0);
#define ADD_BOTH(K) \
        vec3 away = light_centre[K] - point, seen_from = AXES(K, away); \
        float share = strength.x * highlight(seen_from, AXES(K, first), rough.x, light_half[K]) \
                    + strength.y * highlight(seen_from, AXES(K, second), rough.y, light_half[K]); \
        sum += light_colour[K] * (visible[K] * share);
    EACH_SEEN(ADD_BOTH)
    return sum * gloss;
}

// A light's irradiance for two unit normals, with a soft terminator.
vec2 diffuse(vec3 towards, vec3 first, vec3 second, float power) {
    float nearness = inversesqrt(dot(towards, towards));
    vec2 facing = vec2(dot(first, towards), dot(second, towards)) * nearness;
    return power * nearness * nearness * max(vec2(0.0), (facing + 0.25) / 1.25);
}

// Irradiance for two unit normals; for ratios of bumped to smooth normals.
vec2 diffuse_levels(vec3 point, vec3 first, vec3 second, float visible[LIGHTS]) {
    vec2 sum = 0.35 * vec2(dot(ambient(first), vec3(0.333)), dot(ambient(second), vec3(0.333)));
#define ADD_DIFFUSE(K) \
        sum += visible[K] * diffuse(light_centre[K] - point, first, second, dot(light_colour[K], vec3(0.333)) * light_half[K].x * light_half[K].y);
    EACH_SEEN(ADD_DIFFUSE)
    return sum;
}
