/** What every read asks for: typed values, all lists as such, and who wrote the rows. */
export const READ_QUERY = {
  include: ["objectValue", "columnType", "writerInfo"],
  exclude: ["nonexistentCells"],
  level: 2,
} as const;
