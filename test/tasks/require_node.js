// `npm start` loads this before src/cli/main.ts. JavaScript, because a Node that is too old can't read the other file,
// and would say so with a stack trace. The pinned Node of `npm ci` is new enough: this is for who hasn't run that.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`sheethook: Node is ${process.versions.node}, but should be at least 22.18 to run from source: npm ci`);
  process.exit(1);
}
