/** The version in package.json, which a test holds equal: a constant is there wherever this file is run from. */
export const VERSION = "0.1.0";
