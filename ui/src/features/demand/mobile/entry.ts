/** What a resident is about to ask for; a draft on the phone until it is sent. */
export interface Entry {
  text: string;
  /** Chosen service; '' means that a person is to look. */
  spec?: string;
  whom?: string;
  from?: string;
  to?: string;
  photos: Blob[];
}
