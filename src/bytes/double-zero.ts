/**
 * Zero, for a field that will hold times in ms or numbers with a fraction. V8 keeps small integers
 * another way than doubles and notes which of them a field of a class holds; the first double in a
 * field that began with 0 makes it throw away what it has compiled for that class, again and again
 * in a server's first seconds. It keeps -0 as a double from the start.
 */
export const DOUBLE_ZERO = -0;
