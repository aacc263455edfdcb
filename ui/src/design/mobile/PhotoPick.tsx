// Takes photos by the phone's own camera; they are shrunk and stripped of place and camera before anything is sent.
import { useEffect, useMemo, useState } from 'react';
import { Icon } from '../core';
import { shrink } from './image';
import css from './mobile.module.css';
import { useText } from './text';

export function PhotoPick({
  label,
  photos,
  onChange,
  max = 3,
}: {
  label?: string;
  photos: readonly Blob[];
  onChange: (photos: Blob[]) => void;
  max?: number;
}) {
  const t = useText();
  const [busy, setBusy] = useState(false);
  const [broken, setBroken] = useState(false);
  return (
    <div className={css.photos} role="group" aria-label={label ?? t.takePhoto}>
      {photos.map((p, i) => (
        <Shown
          key={i}
          photo={p}
          name={t.photo(i + 1)}
          remove={t.removePhoto(i + 1)}
          onRemove={() => onChange(photos.filter((_, j) => j !== i))}
        />
      ))}
      {photos.length < max ? (
        <label className={css.take} aria-busy={busy}>
          <Icon name="camera" size="1.6em" />
          <span>{label ?? t.takePhoto}</span>
          <small>{t.photoLimit(max)}</small>
          <input
            type="file"
            accept="image/*"
            capture="environment"
            className="sr-only"
            onChange={(e) => {
              const files = [...(e.target.files ?? [])].slice(0, max - photos.length);
              e.target.value = '';
              setBusy(true);
              setBroken(false);
              void Promise.all(files.map((f) => shrink(f)))
                .then((done) => onChange([...photos, ...done]))
                .catch(() => setBroken(true))
                .finally(() => setBusy(false));
            }}
          />
        </label>
      ) : null}
      {broken ? <p role="alert">{t.badPhoto}</p> : null}
    </div>
  );
}

function Shown({
  photo,
  name,
  remove,
  onRemove,
}: {
  photo: Blob;
  name: string;
  remove: string;
  onRemove: () => void;
}) {
  const url = useMemo(() => URL.createObjectURL(photo), [photo]);
  useEffect(() => () => URL.revokeObjectURL(url), [url]);
  return (
    <span className={css.photo}>
      <img src={url} alt={name} />
      <button type="button" aria-label={remove} onClick={onRemove}>
        <Icon name="close" size={20} />
      </button>
    </span>
  );
}
