// All solid surfaces: passes baked light and the semantic fields on.
uniform mat4 clip_from_head;
in vec3 in_position;
in vec3 in_normal;
in vec3 in_rest;
in vec4 in_field;   // lid ring, lip ring, cosine and sine round the mouth
in vec4 in_light;   // irradiance, open share
in vec4 in_seen;    // visibility of lights 0..3
in vec4 in_paint;   // visibility of light 4, nostril depth, scalp hair, beard
out vec3 position;
out vec3 normal;
out vec3 rest;
out vec4 field;
out vec4 baked;
out vec4 seen;
out vec4 paint;
#ifndef ALSO
#define ALSO
#endif
void main() {
    position = in_position;
    normal = in_normal;
    rest = in_rest;
    field = in_field;
    baked = in_light;
    seen = in_seen;
    paint = in_paint;
    ALSO
    gl_Position = clip_from_head * vec4(in_position, 1.0);
}
