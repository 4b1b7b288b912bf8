throw new Error("a file that can't be loaded fails");
