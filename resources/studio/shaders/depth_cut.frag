// Depth of what is cut away where its cover ends.
void main() {
    if (field.w < 0.0) discard;
    colour = vec4(0.0);
}
