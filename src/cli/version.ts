/** The version in package.json; a test compares them. A constant needs no file at run time. */
export const VERSION = "0.1.0";
