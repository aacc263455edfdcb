export function ConsoleGallery() {
  return null;
}
