// Emscripten 3.1.6 takes a Node with fetch() for a browser. Hidden, it reads the file as it should.
var fetch;
