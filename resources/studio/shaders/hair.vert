// Strands as ribbons that face the camera; thinner than a pixel they keep that width and fade instead.
uniform mat4 clip_from_head;
uniform vec3 eye_point;
uniform float pixels_per_mm;
uniform float least_opacity;     // what is thinner gets no width, so that it leaves no depth
in vec3 in_position;
in vec3 in_tangent;
in vec4 in_shape;   // side, half width, depth bias, opacity
in vec4 in_tone;    // brightness, visibility, open share, warmth
out vec3 position;
out vec3 tangent;
out float opacity;
out float side;
out vec4 tone;
void main() {
    vec3 across = cross(in_tangent, normalize(eye_point - in_position));
    across /= max(length(across), 1e-5);
    float least = 0.55 / pixels_per_mm, half_width = max(in_shape.y, least);
    opacity = in_shape.w * in_shape.y / half_width;
    if (opacity < least_opacity) half_width = 0.0;
    side = in_shape.x;
    position = in_position + across * side * half_width;
    tangent = in_tangent;
    tone = in_tone;
    gl_Position = clip_from_head * vec4(position, 1.0);
    gl_Position.z -= in_shape.z * gl_Position.w;
}
