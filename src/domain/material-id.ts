/** 64 lowercase hex digits, the same in every Region of a multi-Region key. */
export type MaterialId = string
