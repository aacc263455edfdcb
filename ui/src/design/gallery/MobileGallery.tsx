export function MobileGallery() {
  return null;
}
