// A listening HTTP server on this machine alone.
using System.Net;
using System.Net.Sockets;

namespace Fathom.Testing;

public static class LoopbackListener
{
    /// <summary>Starts one on a free port.</summary>
    public static (HttpListener Listener, string Address) Start()
    {
        // HttpListener takes no port 0; between finding a free one and listening another may take it.
        for (int attempt = 0; ; attempt++)
        {
            var listener = new HttpListener();
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            string address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
            probe.Stop();
            listener.Prefixes.Add(address + "/");
            try
            {
                listener.Start();
                return (listener, address);
            }
            catch (Exception error) when (error is HttpListenerException or SocketException && attempt < 10)
            {
                listener.Close();
            }
        }
    }
}
