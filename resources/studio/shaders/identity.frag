// What is drawn where, for checks and masks: kind of surface, then lid ring or angle off the eye's axis, lip ring, nostril ring.
uniform float kind;

void main() {
    if (kind > 5.5 && field.w < 0.0) discard;
    float first = kind > 1.5 && kind < 2.5 ? acos(clamp(normalize(rest).z, -1.0, 1.0)) : field.x;
    colour = vec4(kind, first, field.y, paint.y);
}
