// Hands a file to the browser's downloads.

export function download(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser has taken the content by the next task; until it is revoked, it would stay in memory.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
