// Strands as ribbons that face the camera; thinner than a pixel they keep that width and fade instead.
uniform mat4 clip_from_head;
uniform float pixels_per_mm;
uniform float least_opacity;     // what is thinner gets no width, so that it leaves no depth
in vec3 in_position;
in vec3 in_tangent;
in vec4 in_shape;   // side, half width, depth bias, opacity

// Where a vertex of a ribbon is drawn, seen along `view`, and its opacity.
vec4 ribbon(vec3 view, out float opacity) {
    vec3 across = cross(in_tangent, view);
    across /= max(length(across), 1e-5);
    float half_width = max(in_shape.y, 0.55 / pixels_per_mm);
    opacity = in_shape.w * in_shape.y / half_width;
    if (opacity < least_opacity) half_width = 0.0;
    vec4 place = clip_from_head * vec4(in_position + across * in_shape.x * half_width, 1.0);
    place.z -= in_shape.z * place.w;
    return place;
}
