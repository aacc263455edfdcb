package broker

import (
	"context"
	"embed"
	"encoding/json"
	"sync"

	"github.com/mochi-mqtt/server/v2/packets"

	"linli"
	"linli/engine/db"
)

//go:embed schema
var schema embed.FS

// retained keeps on disk what mochi keeps in memory: the last retained message of
// every topic. Without a store they end with the process.
type retained struct {
	mu sync.Mutex // the order on disk is the order in memory
	db db.DB
}

// properties are those of MQTT 5 that a message keeps.
type properties struct {
	Format      byte                   `json:"format,omitzero"` // 1 is UTF-8 text
	Type        string                 `json:"type,omitzero"`
	Answer      string                 `json:"answer,omitzero"` // response topic
	Correlation []byte                 `json:"correlation,omitzero"`
	User        []packets.UserProperty `json:"user,omitzero"`
}

// load hands every kept message to fn.
func (r *retained) load(ctx context.Context, fn func(packets.Packet)) error {
	if r.db == nil {
		return nil
	}
	if err := db.Migrate(ctx, r.db, "broker", schema); err != nil {
		return err
	}
	return r.db.Read(ctx, func(tx db.Tx) error {
		rows, err := tx.Query(`SELECT topic, payload, qos, properties, at, until FROM broker_retained ORDER BY topic`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			pk := packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Publish, Retain: true}, ProtocolVersion: 5}
			var qos, at int64
			var raw string
			if err := rows.Scan(&pk.TopicName, &pk.Payload, &qos, &raw, &at, &pk.Expiry); err != nil {
				return err
			}
			var p properties
			if err := json.Unmarshal([]byte(raw), &p); err != nil {
				return linli.Internal(err)
			}
			pk.FixedHeader.Qos, pk.Created = byte(qos), at/1000
			pk.Properties.PayloadFormat, pk.Properties.PayloadFormatFlag = p.Format, p.Format != 0
			pk.Properties.ContentType, pk.Properties.ResponseTopic, pk.Properties.CorrelationData, pk.Properties.User = p.Type, p.Answer, p.Correlation, p.User
			fn(pk)
		}
		return rows.Err()
	})
}

// keep writes retained messages in their order; an empty one ends its topic.
func (r *retained) keep(ctx context.Context, at int64, list []packets.Packet) error {
	if r.db == nil || len(list) == 0 {
		return nil
	}
	return r.db.Write(ctx, func(tx db.Tx) error {
		for _, pk := range list {
			if len(pk.Payload) == 0 {
				if _, err := tx.Exec(`DELETE FROM broker_retained WHERE topic = $1`, pk.TopicName); err != nil {
					return err
				}
				continue
			}
			p := pk.Properties
			raw, err := json.Marshal(properties{p.PayloadFormat, p.ContentType, p.ResponseTopic, p.CorrelationData, p.User})
			if err != nil {
				return linli.Internal(err)
			}
			var until int64
			if p.MessageExpiryInterval > 0 {
				until = at/1000 + int64(p.MessageExpiryInterval)
			}
			if _, err := tx.Exec(`INSERT INTO broker_retained (topic, payload, qos, properties, at, until) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (topic) DO UPDATE SET payload = excluded.payload, qos = excluded.qos, properties = excluded.properties, at = excluded.at, until = excluded.until`,
				pk.TopicName, pk.Payload, int64(pk.FixedHeader.Qos), string(raw), at, until); err != nil {
				return err
			}
		}
		return nil
	})
}
