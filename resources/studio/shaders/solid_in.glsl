in vec3 position;
in vec3 normal;
in vec3 rest;
in vec4 field;
in vec4 baked;
in vec4 seen;
in vec4 paint;
layout(location = 0) out vec4 colour;
