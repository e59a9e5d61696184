// Shared by all surfaces: area lights, value noise, blurred highlights. Millimetres, linear RGB.
#define LIGHTS 5
uniform vec3 light_centre[LIGHTS];
uniform vec3 light_u[LIGHTS];
uniform vec3 light_v[LIGHTS];
uniform vec3 light_normal[LIGHTS]; // cross product of both
uniform vec2 light_half[LIGHTS];
uniform vec3 light_colour[LIGHTS];
uniform vec3 sky;
uniform vec3 ground;
uniform float gloss;
uniform int lights_on;          // the first so many lights shine
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

// Light reflected along `ray` from the rectangles, each blurred by `rough` radians.
vec3 highlights(vec3 point, vec3 ray, float rough, float visible[LIGHTS]) {
    vec3 sum = vec3(0.0);
    for (int i = 0; i < lights_on; i++) {
        vec3 away = light_centre[i] - point, normal = light_normal[i];
        float facing = dot(ray, normal), reach = dot(away, normal) / facing;
        vec3 hit = reach * ray - away;
        vec2 q = vec2(dot(hit, light_u[i]), dot(hit, light_v[i])), half_size = light_half[i];
        float width = max(rough * reach, 1.0) / max(abs(facing), 0.25);
        vec2 free = half_size + 1.9231 * width - abs(q);
        // a loop, for software skips it where no pixel near needs it, yet computes both sides of an if
        int hits = int(abs(facing) >= 1e-3 && reach > 0.0 && min(free.x, free.y) > 0.0);
        for (int once = 0; once < hits; once++) {
            float scale = 0.26 / width;
            vec2 low = clamp(0.5 - (half_size + q) * scale, 0.0, 1.0), high = clamp(0.5 + (half_size - q) * scale, 0.0, 1.0);
            // a cheap stand-in for the normal distribution function
            vec2 share = high * high * (3.0 - 2.0 * high) - low * low * (3.0 - 2.0 * low);
            sum += light_colour[i] * (share.x * share.y * visible[i]);
        }
    }
    return sum * gloss;
}

// Irradiance for two unit normals, with a soft terminator; for ratios of bumped to smooth normals.
vec2 diffuse_levels(vec3 point, vec3 first, vec3 second, float visible[LIGHTS]) {
    vec2 sum = 0.35 * vec2(dot(ambient(first), vec3(0.333)), dot(ambient(second), vec3(0.333)));
    for (int i = 0; i < lights_on; i++) {
        vec3 towards = light_centre[i] - point;
        float distance2 = dot(towards, towards);
        float power = dot(light_colour[i], vec3(0.333)) * light_half[i].x * light_half[i].y / distance2;
        vec2 facing = vec2(dot(first, towards), dot(second, towards)) * inversesqrt(distance2);
        sum += power * visible[i] * max(vec2(0.0), (facing + 0.25) / 1.25);
    }
    return sum;
}
