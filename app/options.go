// Package app is the only room that knows everyone: it opens the engines, builds
// every slice by hand, joins them (flow.go is the score), mounts their routes and
// runs them until it is told to stop.
package app

import (
	"cmp"
	"crypto/tls"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"linli"
)

// Options is all configuration of a hub. The zero value, with Data set, is a
// production hub on one SQLite file.
type Options struct {
	Data     string           // directory of the database, the files and the master key
	Database string           // postgres://… for PostgreSQL; empty: the SQLite file in Data
	Addr     string           // address to listen on; a port of 0 takes a free one
	TLSCert  string           // certificate and key files; both or none
	TLSKey   string           //
	MQTT     string           // address for devices without TLS, this machine only; empty: none
	MQTTS    string           // address for devices with TLS, by the same certificate; empty: none
	Keys     string           // master key file of sealed fields; empty: in Data
	Demo     bool             // the sign-in-as page exists, on loopback
	Now      linli.Now        // clock; nil: the machine's
	Log      *slog.Logger     // nil: the default logger
	Version  string           // shown in the API description
	tls      *tls.Certificate // loaded by Validate
}

// Validate fills defaults and refuses what cannot work, before anything is opened.
func (o *Options) Validate() error {
	if o.Data == "" {
		return linli.Invalid("data", "要指定数据目录 --data", "name the data directory with --data")
	}
	if o.Database != "" && !strings.HasPrefix(o.Database, "postgres://") && !strings.HasPrefix(o.Database, "postgresql://") {
		return linli.Invalid("database", "数据库地址须以 postgres:// 开头", "the database must be a postgres:// address")
	}
	if (o.TLSCert == "") != (o.TLSKey == "") {
		return linli.Invalid("tls", "证书和私钥要一起给", "give the certificate and the key together")
	}
	if o.TLSCert != "" {
		pair, err := tls.LoadX509KeyPair(o.TLSCert, o.TLSKey)
		if err != nil {
			return &linli.Error{Kind: linli.KindInvalid, Field: "tls", Zh: "证书或私钥读不了", En: "the certificate or key cannot be read", Err: err}
		}
		o.tls = &pair
	}
	if o.MQTT != "" && !loopback(o.MQTT) {
		return linli.Invalid("mqtt", "不加密的设备接入只能在本机（127.0.0.1）；对外请用 --mqtts 和证书", "devices without TLS come in on this machine only (127.0.0.1); for others use --mqtts with a certificate")
	}
	if o.MQTTS != "" && o.tls == nil {
		return linli.Invalid("mqtts", "设备加密接入要有证书和私钥", "devices with TLS need the certificate and the key")
	}
	o.Addr = cmp.Or(o.Addr, "127.0.0.1:8080")
	o.Keys = cmp.Or(o.Keys, filepath.Join(o.Data, "master.key"))
	o.Version = cmp.Or(o.Version, "dev")
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return nil
}
