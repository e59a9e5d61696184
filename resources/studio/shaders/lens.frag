// Lens and sensor, part one: depth of field, motion, focus and pixel blur. Keeps linear light.
in vec2 place;
layout(location = 0) out vec4 colour;
uniform sampler2D picture;
uniform sampler2D depth_map;
uniform vec2 pixel;
uniform vec2 depth_planes;
uniform float focus_mm, aperture, softness;
uniform vec2 motion;              // pixels over the exposure

float distance_mm(float d) {
    return 2.0 * depth_planes.x * depth_planes.y / (depth_planes.x + depth_planes.y - (2.0 * d - 1.0) * (depth_planes.y - depth_planes.x));
}

float circle(float z) { return min(abs(z - focus_mm) / z * aperture, 14.0); }

void main() {
    // a tap outside the picture would read what is not there, so all stay half a pixel inside
    vec2 low = 0.5 * pixel, high = 1.0 - 0.5 * pixel;
    float own = circle(distance_mm(texture(depth_map, clamp(place, low, high)).r));
    float reach = max(own, softness), weight = 0.0;
    int taps = own > 1.2 || softness > 1.5 || dot(motion, motion) > 1.0 ? 20 : 6;
    vec3 sum = vec3(0.0);
    for (int i = 0; i < taps; i++) {
        float share = (float(i) + 0.5) / float(taps), r = sqrt(share) * reach * 1.4, a = float(i) * 2.399963;
        vec2 shift = vec2(cos(a), sin(a)) * r + motion * (fract(float(i) * 0.618034 + 0.5) - 0.5);
        vec2 at = clamp(place + shift * pixel, low, high);
        float w = exp(-0.5 * r * r / (reach * reach));
        for (int once = 0; once < int(own > 1.2); once++) w *= clamp(circle(distance_mm(texture(depth_map, at).r)) - 0.5 * r + 1.0, 0.05, 1.0);
        sum += w * texture(picture, at).rgb;
        weight += w;
    }
    colour = vec4(sum / weight, 1.0);
}
