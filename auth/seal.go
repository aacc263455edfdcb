package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"

	"linli"
	"linli/engine/db"
)

// Vault seals the sensitive fields (D3) of persons, each under a key of their
// own that is stored wrapped by the master key. Destroying a person's key
// forgets every sealed field at once, in backups too.
type Vault struct {
	master cipher.AEAD
	now    linli.Now
}

// OpenVault reads the master key from file, or makes one there (mode 0600) when
// the file does not exist. Losing the file loses every sealed field: back it up apart.
func OpenVault(file string, now linli.Now) (*Vault, error) {
	key, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		key = make([]byte, 32)
		rand.Read(key)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return nil, err
		}
		err = os.WriteFile(file, key, 0o600)
	}
	if err != nil {
		return nil, err
	}
	master, err := aead(key)
	if err != nil {
		return nil, linli.Internal(err)
	}
	return &Vault{master: master, now: now}, nil
}

func aead(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func encode(a cipher.AEAD, plain []byte, bind string) string {
	return base64.RawStdEncoding.EncodeToString(a.Seal(nil, nil, plain, []byte(bind)))
}

func decode(a cipher.AEAD, sealed, bind string) ([]byte, error) {
	raw, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil {
		return nil, err
	}
	return a.Open(nil, nil, raw, []byte(bind))
}

// Seal encrypts plain for the person; field binds the text to its column, so a
// sealed value cannot be moved to another. Empty stays empty.
func (v *Vault) Seal(tx db.Tx, person, field, plain string) (string, error) {
	if plain == "" {
		return "", nil
	}
	key, err := v.key(tx, person, true)
	if err != nil {
		return "", err
	}
	return encode(key, []byte(plain), person+"/"+field), nil
}

// Open decrypts what Seal made; a forgotten person is KindNotFound.
func (v *Vault) Open(tx db.Tx, person, field, sealed string) (string, error) {
	if sealed == "" {
		return "", nil
	}
	key, err := v.key(tx, person, false)
	if err != nil {
		return "", err
	}
	plain, err := decode(key, sealed, person+"/"+field)
	if err != nil {
		return "", linli.Internal(err)
	}
	return string(plain), nil
}

// Forget destroys the person's key.
func (v *Vault) Forget(tx db.Tx, person string) error {
	_, err := tx.Exec(`DELETE FROM auth_person_key WHERE person = $1`, person)
	return err
}

// Key gives a key of 32 bytes that follows from the person's, for what is sealed
// outside the vault: it is destroyed together with it. Without create, a person
// without a key is KindNotFound.
func (v *Vault) Key(tx db.Tx, person string, create bool) ([]byte, error) {
	key, err := v.raw(tx, person, create)
	if err != nil {
		return nil, err
	}
	return hkdf.Key(sha256.New, key, nil, "linli vault: a key for others", 32)
}

func (v *Vault) key(tx db.Tx, person string, create bool) (cipher.AEAD, error) {
	key, err := v.raw(tx, person, create)
	if err != nil {
		return nil, err
	}
	return aead(key)
}

func (v *Vault) raw(tx db.Tx, person string, create bool) ([]byte, error) {
	var wrapped string
	err := tx.QueryRow(`SELECT wrapped FROM auth_person_key WHERE person = $1`, person).Scan(&wrapped)
	if errors.Is(err, sql.ErrNoRows) {
		if !create {
			return nil, linli.NotFound("此人的敏感信息已被遗忘", "this person's sensitive data was forgotten")
		}
		key := make([]byte, 32)
		rand.Read(key)
		if _, err := tx.Exec(`INSERT INTO auth_person_key (person, wrapped, at) VALUES ($1,$2,$3)`,
			person, encode(v.master, key, person), linli.Millis(v.now())); err != nil {
			return nil, err
		}
		return key, nil
	}
	if err != nil {
		return nil, err
	}
	key, err := decode(v.master, wrapped, person)
	if err != nil {
		return nil, linli.Internal(errors.Join(errors.New("auth: wrong master key for the vault"), err))
	}
	return key, nil
}
