// A day of an administrator's program: C#, .NET Framework's HttpWebRequest, XmlSerializer and its classes, and the token that the client it
// has made gets. By the documentation of the original; of this service it knows the address, a key and a user.
//
//   mono Credentials.exe ADDRESS KEY USER
using System;
using System.Collections.Generic;
using System.Collections.Specialized;
using System.IO;
using System.Linq;
using System.Net;
using System.Text;
using System.Xml.Serialization;
using Newtonsoft.Json.Linq;

public class ClientRequest
{
	public Guid ID { get; set; }
	public Guid AccountID { get; set; }
	public string Name { get; set; }
	public string Secret { get; set; }
	public Guid UserID { get; set; }
}

public class ClientResponse
{
	public Guid ID { get; set; }
	public string Name { get; set; }
	public string Secret { get; set; }
	public Guid UserID { get; set; }
}

public class Error
{
	public string ErrorCode { get; set; }
	public string ErrorReason { get; set; }
}

public class Identification
{
	public string UserId { get; set; }
}

public class ResponseData<T>
{
	public string Result { get; set; }
	public Identification Identification { get; set; }
	public T Detail { get; set; }
}

public class Response<T>
{
	public Error Error { get; set; }
	public ResponseData<T> ResponseData { get; set; }
}

public static class Credentials
{
	static string address, key;

	static HttpWebRequest Request(string method, string path, string credential = null)
	{
		var request = (HttpWebRequest)WebRequest.Create(address + path);
		request.Method = method;
		request.Headers["Authorization"] = "Bearer " + (credential ?? key);
		return request;
	}

	static Stream Send(HttpWebRequest request, string type, byte[] body)
	{
		request.ContentType = type;
		using (var stream = request.GetRequestStream())
			stream.Write(body, 0, body.Length);
		return request.GetResponse().GetResponseStream();
	}

	static ClientResponse AddByXml(ClientRequest client)
	{
		var request = Request("POST", "/api/v1/admin/clients");
		request.Accept = "application/xml";
		using (var body = new MemoryStream())
		{
			new XmlSerializer(typeof(ClientRequest)).Serialize(new StreamWriter(body, new UTF8Encoding(false)), client);
			var answers = new XmlSerializer(typeof(Response<ClientResponse>), new XmlRootAttribute("ResponseOfClientResponse"));
			using (var stream = Send(request, "text/xml; charset=utf-8", body.ToArray()))
			{
				var answer = (Response<ClientResponse>)answers.Deserialize(stream);
				Check(answer.Error == null && answer.ResponseData.Result == "OK", "envelope");
				Guid.Parse(answer.ResponseData.Identification.UserId);
				return answer.ResponseData.Detail;
			}
		}
	}

	static JToken Json(HttpWebRequest request, string body = null)
	{
		using (var reader = new StreamReader(body == null ? request.GetResponse().GetResponseStream() : Send(request, "application/json", Encoding.UTF8.GetBytes(body))))
			return JObject.Parse(reader.ReadToEnd())["ResponseData"]["Detail"];
	}

	static string Token(ClientResponse client, string secret)
	{
		using (var web = new WebClient())
		{
			var form = new NameValueCollection { { "grant_type", "client_credentials" }, { "client_id", client.ID.ToString() }, { "client_secret", secret } };
			var answer = JObject.Parse(Encoding.UTF8.GetString(web.UploadValues(address + "/Token", form)));
			Check(((string)answer["token_type"]).ToLowerInvariant() == "bearer" && (int)answer["expires_in"] > 3600, "token");
			return (string)answer["access_token"];
		}
	}

	static void Check(bool right, string what)
	{
		if (!right)
			throw new Exception(what);
	}

	static void Refuse(HttpStatusCode status, Action call)
	{
		try
		{
			call();
		}
		catch (WebException refused)
		{
			Check(((HttpWebResponse)refused.Response).StatusCode == status, refused.Message);
			return;
		}
		throw new Exception("was not refused: " + status);
	}

	public static int Main(string[] arguments)
	{
		address = arguments[0];
		key = arguments[1];
		var user = Guid.Parse(arguments[2]);
		var name = "c" + Guid.NewGuid().ToString("N").Substring(0, 12);

		var made = AddByXml(new ClientRequest { Name = name, Secret = "8letters", UserID = user });
		Check(made.Name == name && made.Secret == "8letters" && made.UserID == user && made.ID != Guid.Empty, "made");
		var token = Token(made, made.Secret);
		var listed = Json(Request("GET", "/api/v1/admin/clients", token)).Single(one => (string)one["Name"] == name);
		Check((Guid)listed["ID"] == made.ID && (string)listed["Secret"] == null, "the secret is shown once");

		var changed = Json(Request("PUT", "/api/v1/admin/clients/" + made.ID), "{\"Name\":\"" + name + "x\",\"Secret\":\"another secret\",\"UserID\":\"" + user + "\"}");
		Check((string)changed["Name"] == name + "x", "changed");
		Refuse(HttpStatusCode.Unauthorized, () => Token(made, "8letters"));
		Refuse(HttpStatusCode.Unauthorized, () => Json(Request("GET", "/api/v1/admin/clients", token)));
		Check(Token(made, "another secret") != token, "new token");

		Refuse(HttpStatusCode.BadRequest, () => AddByXml(new ClientRequest { Name = new string('n', 19), Secret = "s", UserID = user }));
		Refuse(HttpStatusCode.Unauthorized, () => Json(Request("GET", "/api/v1/admin/clients", "no key at all")));
		Json(Request("DELETE", "/api/v1/admin/clients/" + made.ID));
		Refuse(HttpStatusCode.NotFound, () => Json(Request("GET", "/api/v1/admin/clients/" + made.ID)));
		Console.WriteLine("done");
		return 0;
	}
}
