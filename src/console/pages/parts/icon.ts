/** The mark, for a browser's tab. */
export const ICON =
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect x="2" y="2" width="20" height="20" rx="5" fill="#0b6e4f"/><path d="M15.5 6.5v7a3.75 3.75 0 0 1-7.5 0v-1.2m0 0-2.3 2.3m2.3-2.3 2.3 2.3" fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
