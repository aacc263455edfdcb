package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"linli"
)

// Argon2id parameters: 19 MiB, two passes, one lane (the OWASP minimum), so that
// a sign-in costs tens of milliseconds and a small machine keeps its memory.
const (
	argonMemory = 19 << 10
	argonTime   = 2
	argonLanes  = 1
)

// hashing bounds how many passwords are hashed at once: two cost 38 MiB.
var hashing = make(chan struct{}, 2)

func argon(password string, salt []byte, memory, time uint32, lanes uint8) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(password), salt, time, memory, lanes, 32)
}

// HashPassword gives the stored form of a password: "argon2id$m$t$p$salt$hash".
func HashPassword(password string) string {
	salt := make([]byte, 16)
	rand.Read(salt)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("argon2id$%d$%d$%d$%s$%s", argonMemory, argonTime, argonLanes,
		b64(salt), b64(argon(password, salt, argonMemory, argonTime, argonLanes)))
}

// CheckPassword compares in constant time; a malformed stored form never matches.
func CheckPassword(stored, password string) bool {
	var m, t uint32
	var p uint8
	var salt64, hash64 string
	if n, _ := fmt.Sscanf(replaceDollar(stored), "argon2id %d %d %d %s %s", &m, &t, &p, &salt64, &hash64); n != 5 {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(salt64)
	hash, err2 := base64.RawStdEncoding.DecodeString(hash64)
	if err1 != nil || err2 != nil || m == 0 || t == 0 || p == 0 || len(hash) != 32 {
		return false
	}
	return subtle.ConstantTimeCompare(argon(password, salt, m, t, p), hash) == 1
}

func replaceDollar(s string) string {
	b := []byte(s)
	for i := range b {
		if b[i] == '$' {
			b[i] = ' '
		}
	}
	return string(b)
}

// validPassword refuses what a lockout cannot protect.
func validPassword(password, login string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < 10:
		return linli.Invalid("password", "密码至少 10 个字符", "the password needs at least 10 characters")
	case n > 128 || !utf8.ValidString(password):
		return linli.Invalid("password", "密码最多 128 个字符", "the password may have at most 128 characters")
	case password == login:
		return linli.Invalid("password", "密码不能与登录名相同", "the password must differ from the sign-in name")
	}
	return nil
}

// token gives 32 random bytes as text, for sessions and one-time links.
func token() string {
	b := make([]byte, 32)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
