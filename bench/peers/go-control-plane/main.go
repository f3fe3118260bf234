// Command peer is a go-control-plane server with the benchmark's 100 clusters, steered over a control port
// (bench/fleet/plan.ts says which words it answers).
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"sync/atomic"
	"time"

	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpointv3 "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	discoveryv3 "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	runtimev3 "github.com/envoyproxy/go-control-plane/envoy/service/runtime/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/types"
	"github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	"github.com/envoyproxy/go-control-plane/pkg/server/v3"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const clusters = 100

var groups = []string{"fleet", "front"}

// store is one of the two caches behind the same two verbs.
type store interface {
	push(change int)
	critical(change int)
}

type byCluster struct{}

func (byCluster) ID(node *corev3.Node) string { return node.GetCluster() }

func clusterOf(index, change int) *clusterv3.Cluster {
	name := fmt.Sprintf("cluster-%03d", index)
	address := &corev3.Address{Address: &corev3.Address_SocketAddress{SocketAddress: &corev3.SocketAddress{
		Address:       fmt.Sprintf("service-%d.example.internal", index),
		PortSpecifier: &corev3.SocketAddress_PortValue{PortValue: 8080},
	}}}
	endpoint := &endpointv3.LbEndpoint{HostIdentifier: &endpointv3.LbEndpoint_Endpoint{
		Endpoint: &endpointv3.Endpoint{Address: address},
	}}
	return &clusterv3.Cluster{
		Name:                 name,
		ClusterDiscoveryType: &clusterv3.Cluster_Type{Type: clusterv3.Cluster_STRICT_DNS},
		ConnectTimeout:       durationpb.New(time.Second + time.Duration(change)*time.Millisecond),
		LoadAssignment: &endpointv3.ClusterLoadAssignment{
			ClusterName: name,
			Endpoints:   []*endpointv3.LocalityLbEndpoints{{LbEndpoints: []*endpointv3.LbEndpoint{endpoint}}},
		},
		CircuitBreakers: &clusterv3.CircuitBreakers{Thresholds: []*clusterv3.CircuitBreakers_Thresholds{{
			MaxConnections: wrapperspb.UInt32(1024),
			MaxRequests:    wrapperspb.UInt32(uint32(1024 + change)),
		}}},
	}
}

func limits(change int) *runtimev3.Runtime {
	layer, err := structpb.NewStruct(map[string]any{"shed.limit": 100 + change})
	must(err)
	return &runtimev3.Runtime{Name: "limits", Layer: layer}
}

type snapshots struct {
	cache     cache.SnapshotCache
	clusters  []types.Resource
	limits    types.Resource
	clusterAt int
	limitAt   int
}

func newSnapshots() *snapshots {
	s := &snapshots{cache: cache.NewSnapshotCache(true, byCluster{}, nil), limits: limits(0)}
	for i := range clusters {
		s.clusters = append(s.clusters, clusterOf(i, 0))
	}
	s.publish(groups...)
	return s
}

// Versions per type, so that a change of one type leaves the other alone.
func (s *snapshots) publish(names ...string) {
	for _, name := range names {
		snapshot := &cache.Snapshot{}
		snapshot.Resources[types.Cluster] = cache.NewResources(fmt.Sprint(s.clusterAt), s.clusters)
		snapshot.Resources[types.Runtime] = cache.NewResources(fmt.Sprint(s.limitAt), []types.Resource{s.limits})
		must(s.cache.SetSnapshot(context.Background(), name, snapshot))
	}
}

func (s *snapshots) push(change int) {
	s.clusterAt = change
	next := append([]types.Resource(nil), s.clusters...)
	next[change%clusters] = clusterOf(change%clusters, change)
	s.clusters = next
	s.publish(groups...)
}

func (s *snapshots) critical(change int) {
	s.limitAt = change
	s.limits = limits(change)
	s.publish("front")
}

type linear struct{ clusters, runtime *cache.LinearCache }

func newLinear() (*linear, cache.Cache) {
	initial := map[string]types.Resource{}
	for i := range clusters {
		each := clusterOf(i, 0)
		initial[each.Name] = each
	}
	l := &linear{
		clusters: cache.NewLinearCache(resource.ClusterType, cache.WithInitialResources(initial)),
		runtime:  cache.NewLinearCache(resource.RuntimeType, cache.WithInitialResources(map[string]types.Resource{"limits": limits(0)})),
	}
	return l, &cache.MuxCache{
		Classify:      func(request *cache.Request) string { return request.GetTypeUrl() },
		ClassifyDelta: func(request *cache.DeltaRequest) string { return request.GetTypeUrl() },
		Caches:        map[string]cache.Cache{resource.ClusterType: l.clusters, resource.RuntimeType: l.runtime},
	}
}

func (l *linear) push(change int) {
	each := clusterOf(change%clusters, change)
	must(l.clusters.UpdateResource(each.Name, each))
}

func (l *linear) critical(change int) {
	must(l.runtime.UpdateResource("limits", limits(change)))
}

func main() {
	kind := flag.String("cache", "snapshot", "snapshot or linear")
	tuned := flag.Bool("tuned", false, "no read buffer, a shared write buffer")
	portsFile := flag.String("ports", "", "where to write the two ports")
	flag.Parse()

	var current store
	var source cache.Cache
	if *kind == "linear" {
		current, source = newLinear()
	} else {
		s := newSnapshots()
		current, source = s, s.cache
	}
	var first atomic.Int64
	callbacks := server.CallbackFuncs{
		StreamDeltaRequestFunc: func(_ int64, request *discoveryv3.DeltaDiscoveryRequest) error {
			if request.GetResponseNonce() == "" && request.GetTypeUrl() == resource.ClusterType {
				first.Add(1)
			}
			return nil
		},
	}
	options := []grpc.ServerOption{}
	if *tuned {
		options = append(options, grpc.ReadBufferSize(0), grpc.WriteBufferSize(4096), grpc.SharedWriteBuffer(true))
	}
	xds := grpc.NewServer(options...)
	discoveryv3.RegisterAggregatedDiscoveryServiceServer(xds, server.NewServer(context.Background(), source, callbacks))
	listener := listen()
	control := listen()
	go steer(control, current, &first)
	ports := fmt.Sprintf("%d %d\n", portOf(listener), portOf(control))
	must(os.WriteFile(*portsFile+".new", []byte(ports), 0o644))
	must(os.Rename(*portsFile+".new", *portsFile))
	must(xds.Serve(listener))
}

func steer(listener net.Listener, current store, first *atomic.Int64) {
	pushes, criticals := 0, 0
	for {
		connection, err := listener.Accept()
		must(err)
		for lines := bufio.NewScanner(connection); lines.Scan(); {
			answer := "ok"
			switch lines.Text() {
			case "push":
				pushes++
				current.push(pushes)
			case "critical":
				criticals++
				current.critical(criticals)
			case "count":
				answer = fmt.Sprint(first.Load())
			case "lag":
				answer = "-"
			}
			fmt.Fprintln(connection, answer)
		}
	}
}

func listen() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	return listener
}

func portOf(listener net.Listener) int { return listener.Addr().(*net.TCPAddr).Port }

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
