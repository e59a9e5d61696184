// Lens and sensor, part one: depth of field, motion, focus and pixel blur. Keeps linear light.
in vec2 place;
layout(location = 0) out vec4 colour;
uniform sampler2D picture;
uniform sampler2D depth_map;
uniform vec2 pixel;
uniform vec2 depth_planes;
uniform vec4 bounds;             // of the window in the picture, 0..1
uniform float focus_mm, aperture, widest, softness;
uniform vec2 motion;              // pixels over the exposure

float distance_mm(float d) {
    return 2.0 * depth_planes.x * depth_planes.y / (depth_planes.x + depth_planes.y - (2.0 * d - 1.0) * (depth_planes.y - depth_planes.x));
}

float circle(float z) { return min(abs(z - focus_mm) / z * aperture, widest); }

// The middle and four taps on a turned square, spread like the golden spiral of the wide blur below.
#define EACH_TAP(DO) DO(0.0, 0.0) DO(0.9096, 0.4548) DO(-0.4548, 0.9096) DO(-0.9096, -0.4548) DO(0.4548, -0.9096)
#define EACH_SIDE(DO) DO(3.5, 1.5) DO(-1.5, 3.5) DO(-3.5, -1.5) DO(1.5, -3.5)
#define NEAREST(X, Y) deep = min(deep, texture(depth_map, clamp(place + vec2(X, Y) * pixel, low, high)).r);
#define TAP(X, Y) sum += 0.2 * texture(picture, clamp(place + vec2(X, Y) * reach * pixel, low, high)).rgb;
const mat2 GOLDEN = mat2(-0.737369, 0.675490, -0.675490, -0.737369);

void main() {
    // a tap outside the window would read what is not there, so all stay half a pixel inside
    vec2 low = bounds.xy + 0.5 * pixel, high = bounds.zw - 0.5 * pixel;
    float deep = texture(depth_map, clamp(place, low, high)).r;
    // the backdrop is drawn out of focus already: there only what lies beside it blurs
    for (int once = 0; once < int(deep == 1.0); once++) { EACH_SIDE(NEAREST) }
    float own = deep < 1.0 ? circle(distance_mm(deep)) : 0.0, reach = max(own, softness), weight = 1.0;
    bool wide = own > 1.2 || softness > 1.5 || dot(motion, motion) > 1.0;
    vec3 sum = vec3(0.0);
    for (int once = 0; once < int(!wide); once++) { EACH_TAP(TAP) }
    vec2 turn = vec2(1.0, 0.0);
    float taps = reach > 3.0 || dot(motion, motion) > 1.0 ? 20.0 : 12.0, fade = exp(-0.98 / taps), fall = sqrt(fade);
    for (int i = 0; i < (wide ? int(taps) : 0); i++) {
        float r = sqrt((float(i) + 0.5) / taps) * reach * 1.4, w = fall;
        vec2 at = clamp(place + (turn * r + motion * (fract(float(i) * 0.618034 + 0.5) - 0.5)) * pixel, low, high);
        for (int once = 0; once < int(own > 1.2); once++) w *= clamp(circle(distance_mm(texture(depth_map, at).r)) - 0.5 * r + 1.0, 0.05, 1.0);
        sum += w * texture(picture, at).rgb;
        weight = w + (i > 0 ? weight : 0.0);
        turn = GOLDEN * turn;
        fall *= fade;
    }
    colour = vec4(sum / weight, 1.0);
}
